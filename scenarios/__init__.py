"""Files in, tables out: scenario files, runs, reports and the command line."""
