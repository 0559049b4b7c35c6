"""What a downloaded model brings: a script that writes with it. The site reads it as a file, and never runs it."""
