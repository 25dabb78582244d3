package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"easbot/bot"
	"easbot/internal/config"
)

func (a *app) digestCommand() *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "digest",
		Short: "Post the digest now",
		Long: "Post what is newly in quarantine since the last digest to the channel now. Today's scheduled digest " +
			"still comes, with what is new until then.",
		Args: exactArgs(0, "no argument"),
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be posted; post nothing and remember nothing")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := a.loadConfig(cmd, config.Needs{Directory: true, Slack: !dryRun, Redis: true})
		if err != nil {
			return err
		}
		result, err := bot.PostDigestOnce(cmd.Context(), cfg,
			bot.Options{Logger: a.quietLogger(cfg.Log), Version: buildVersion()}, dryRun)
		if err != nil {
			return err
		}
		list := listWaiting(result.New)
		if err := quarantineTable(list).writeText(a.out); err != nil {
			return err
		}
		verb := "posted"
		if dryRun {
			verb = "would be posted"
		}
		_, err = fmt.Fprintf(a.errOut, "%d new, %d from earlier; %s\n", len(list), result.Waiting, verb)
		return err
	}
	return cmd
}
