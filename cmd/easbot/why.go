package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"easbot/bot"
	"easbot/diag"
	"easbot/internal/ad"
	"easbot/internal/config"
	"easbot/internal/eas"
)

func (a *app) whyCommand() *cobra.Command {
	var device string
	cmd := &cobra.Command{
		Use:   "why MAILBOX",
		Short: "Say why a mailbox's phones do not sync, and what to do",
		Long: "Say why a mailbox's phones do not sync, and what to do: the answer of /eas why, for an " +
			"administrator. MAILBOX is an address, a user principal name or an account name.",
		Args: exactArgs(1, "one MAILBOX"),
	}
	f := formatFlag(cmd, "text", "json")
	cmd.Flags().StringVar(&device, "device", "", "look at this device only: its `ID`, or part of its name")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.withDirectory(cmd, func(cfg *config.Config, d *ad.Directory) error {
			prober, err := bot.OpenProber(cfg, time.Now)
			if err != nil {
				return err
			}
			report, err := diag.Engine{Directory: d, Prober: prober, Now: time.Now}.Why(cmd.Context(),
				eas.Lookup{Address: args[0]}, device)
			if err != nil {
				return err
			}
			if f.value == "json" {
				return writeJSON(a.out, report)
			}
			_, err = fmt.Fprintln(a.out, report.Text(diag.Approver))
			return err
		})
	}
	return cmd
}

// withDirectory opens the directory of the configuration for as long as do runs.
func (a *app) withDirectory(cmd *cobra.Command, do func(*config.Config, *ad.Directory) error) error {
	cfg, err := a.loadConfig(cmd, config.Needs{Directory: true})
	if err != nil {
		return err
	}
	for _, w := range cfg.StartWarnings() {
		a.printError("easbot: warning: %s\n", w)
	}
	d, err := bot.OpenDirectory(cfg, nil, a.quietLogger(cfg.Log))
	if err != nil {
		return err
	}
	return errors.Join(do(cfg, d), d.Close())
}
