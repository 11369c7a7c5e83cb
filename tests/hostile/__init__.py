"""A stranger's project: nothing of it runs, reads or writes outside, takes a key or spends before it is trusted."""
