// Package bench sets what easbot does beside other programs that do the same. It is nothing but Go benchmarks and the
// tests of what they stand on: "make bench" runs them and has benchstat lay out one table. No figure makes it fail, but
// a different verdict does. A program that is not installed is skipped by name.
package bench
