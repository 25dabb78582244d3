// Command easbot-demo is easbot on embedded parts: a directory that behaves like Active Directory with Exchange, Redis
// in memory, and a Slack-like workspace in the browser. No account and no server is needed. The bot is the one of
// "easbot serve"; only what it talks to is embedded.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(runCommand(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// comeBack is long enough to see both states: decided, and mail flows.
const comeBack = 6 * time.Second

func runCommand(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("easbot-demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "127.0.0.1:8080", "address of the workspace page")
	verbose := flags.Bool("verbose", false, "show the bot's log")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "easbot-demo takes no arguments, only flags: %q\n", flags.Arg(0))
		return 2
	}
	log := slog.New(slog.DiscardHandler)
	if *verbose {
		log = slog.New(slog.NewTextHandler(stderr, nil))
	}
	d, err := startDemo(demoOptions{Listen: *listen, Log: log, ComeBack: comeBack, Every: 3 * time.Second})
	if err != nil {
		fmt.Fprintln(stderr, "easbot-demo:", err)
		return 1
	}
	fmt.Fprintf(stdout, "easbot demo: open %s in a browser (Ctrl-C ends it).\n\nThree things to try:\n", d.URL)
	for i, tip := range tips {
		fmt.Fprintf(stdout, "  %d. %s\n", i+1, tip)
	}
	if err := d.Run(ctx); err != nil {
		fmt.Fprintln(stderr, "easbot-demo:", err)
		return 1
	}
	return 0
}

// tips are the three things to try, on the terminal and on the page.
var tips = []string{
	"As Anna, type /eas why. Her new iPhone waits in quarantine: press “Ask for approval”.",
	"Switch to Erika, an approver. In #mobile-approvals, press Allow on Anna's card and watch it change. " +
		"Then look at Anna's direct messages.",
	"As Ben or Carla, type /eas why: the permissions in the directory stop their phones, each for another reason.",
}
