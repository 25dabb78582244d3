// Command easbot explains why a phone cannot sync with Exchange over ActiveSync and lets the right people decide about
// it in Slack. Data goes to standard output, everything else to standard error. Exit status: 0 done; 1 the work
// failed, or explain did not understand something; 2 wrong use; 3 check found something wrong.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the container image has no time zones of its own
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	a := &app{environ: os.Environ(), out: os.Stdout, errOut: os.Stderr}
	os.Exit(a.runCommandLine(ctx, os.Args[1:]))
}
