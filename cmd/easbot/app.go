package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"easbot/internal/config"
)

// The exit statuses that scripts rely on.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	exitFound  = 3
)

// defaultConfig is read when it is there and --config was not given.
const defaultConfig = "easbot.yaml"

// app is what every subcommand shares.
type app struct {
	environ     []string
	out, errOut io.Writer
	configPath  string
}

// usageError is wrong use: exit status 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// errFound says that the work was done and found something wrong, which the output has told: exit status 3.
var errFound = errors.New("something is wrong")

// runCommandLine carries out one command line and returns the exit status.
func (a *app) runCommandLine(ctx context.Context, args []string) int {
	root := a.rootCommand()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	var (
		usage  usageError
		faults config.Faults
	)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errFound):
		return exitFound
	case errors.As(err, &faults):
		a.printError("easbot: the configuration has %d fault%s, nothing was started:\n%v\n", len(faults),
			pluralEnding(len(faults)), err)
		return exitUsage
	case errors.As(err, &usage):
		a.printError("easbot: %v\n\n%s", err, cmd.UsageString())
		return exitUsage
	default:
		a.printError("easbot: %v\n", err)
		return exitFailed
	}
}

// printError writes to standard error; when even that is gone there is nobody to tell.
func (a *app) printError(format string, args ...any) { _, _ = fmt.Fprintf(a.errOut, format, args...) }

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "easbot",
		Short: "Why can this phone not sync with Exchange, and who lets it in?",
		Long: "easbot explains why a phone cannot sync with Exchange over ActiveSync, and lets the right " +
			"people decide about it in Slack.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q", args[0])}
			}
			return usageError{errors.New("say what to do")}
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetOut(a.out)
	root.SetErr(a.errOut)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().StringVar(&a.configPath, "config", defaultConfig, "configuration `file`")
	root.AddCommand(a.allCommands()...)
	return root
}

// loadConfig reads the configuration.
func (a *app) loadConfig(cmd *cobra.Command, needs config.Needs) (*config.Config, error) {
	return config.Load(a.configPath, cmd.Flags().Changed("config"), a.environ, needs)
}

// botLogger returns the log of a running bot.
func (a *app) botLogger(c config.Log) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "text" {
		return slog.New(slog.NewTextHandler(a.errOut, options))
	}
	return slog.New(slog.NewJSONHandler(a.errOut, options))
}

// quietLogger returns the log of a command for people: warnings and worse, unless the configuration asks for more.
func (a *app) quietLogger(c config.Log) *slog.Logger {
	level := slog.LevelWarn
	if c.Level == "debug" {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.errOut, &slog.HandlerOptions{Level: level}))
}

// exactArgs takes n arguments, named in words.
func exactArgs(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("want %s, got %d arguments", what, len(args))}
		}
		return nil
	}
}

// atMostArgs takes up to n arguments, named in words.
func atMostArgs(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > n {
			return usageError{fmt.Errorf("want at most %s, got %d arguments", what, len(args))}
		}
		return nil
	}
}

func pluralEnding(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}
