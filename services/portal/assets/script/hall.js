// The hall.
