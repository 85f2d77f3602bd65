module validation

go 1.24
