// What was typed is kept.
