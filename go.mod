module named-jail

go 1.26
