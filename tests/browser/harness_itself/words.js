document.getElementById('script').textContent = 'Script đã chạy.';
document.addEventListener('keydown', event => { if (event.key === 'n' && event.target === document.body) location = '/xong?phim'; });
