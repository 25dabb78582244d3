// Command prepare provisions the domain that tests copy, so that no test waits for it. It may run beside the compiler
// and beside tests: those that come early wait for it. Where Samba is missing it says so and does nothing.
package main

import (
	"errors"
	"fmt"
	"os"

	"easbot/internal/lab"
)

func main() {
	err := lab.PrepareDomain()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "no domain is prepared for the tests:", err)
	if !errors.Is(err, lab.ErrMissing) {
		os.Exit(1)
	}
}
