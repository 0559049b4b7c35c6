"""The native LSTM, its optimizer and its writing: C that is compiled on the machine where it runs."""
