module schema

go 1.24
