module classes

go 1.26.0
