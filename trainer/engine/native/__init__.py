"""The native LSTM: C that is compiled on the machine where it runs."""
