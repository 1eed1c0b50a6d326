// A slip is printed by itself, and makes room for the next person.
{
  const slip = document.querySelector("[data-print]");
  if (slip) {
    print();
    setTimeout(() => location.replace(slip.dataset.next), 8_000);
  }
}
