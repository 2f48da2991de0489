"""The pages of a study: tables and sentences, all made of numbers of the run."""
