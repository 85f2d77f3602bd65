// Functions without a body, which stand in other packages, need a file of assembly.
