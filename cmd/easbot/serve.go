package main

import (
	"github.com/spf13/cobra"

	"easbot/bot"
	"easbot/internal/config"
)

func (a *app) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the bot: Slack, digest and jobs",
		Long: "Run the bot until SIGINT or SIGTERM; what has begun is finished then. A second signal ends it at " +
			"once, and the next start goes on where it stopped.",
		Args: exactArgs(0, "no argument"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.loadConfig(cmd, config.Needs{Directory: true, Slack: true, Redis: true})
			if err != nil {
				return err
			}
			log := a.botLogger(cfg.Log)
			b, err := bot.New(cfg, bot.Options{Logger: log, Version: buildVersion()})
			if err != nil {
				return err
			}
			return b.Run(cmd.Context())
		},
	}
}
