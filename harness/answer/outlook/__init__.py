"""What a night will take, from earlier rows, measurements or stated assumptions; pure."""
