// Package rules holds the house to its plan: which package may import which, and that what the documents say is what
// the code says. It has no code of its own that runs.
package rules

//go:generate go test -run TestDocuments -update
