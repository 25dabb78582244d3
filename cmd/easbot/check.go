package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"easbot/bot"
	"easbot/internal/ad"
	"easbot/internal/config"
	"easbot/internal/eas"
	"easbot/store"
)

func (a *app) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check everything that the bot needs, and say how to mend what is missing",
		Long: "Check the directory with each right that the bot needs, Redis, and Slack's scopes. Nothing is " +
			"changed. Exit status 3 when something is wrong. Slack is left out as long as it is not configured.",
		Args: exactArgs(0, "no argument"),
	}
	f := formatFlag(cmd, "text", "json", "csv")
	var accounts bool
	cmd.Flags().BoolVar(&accounts, "accounts", false,
		"list the mailboxes that the bot cannot read in full, each with the line that mends it")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := a.loadConfig(cmd, config.Needs{Directory: true})
		if err != nil {
			return err
		}
		run := a.runChecks
		if accounts {
			run = a.checkAccounts
		}
		results, err := run(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		if f.value == "text" {
			err = writeChecks(a.out, results)
		} else {
			err = f.writeAs(a.out, checkTable(results), results)
		}
		if err == nil && anyWrong(results) {
			err = errFound
		}
		return err
	}
	return cmd
}

func (a *app) runChecks(ctx context.Context, cfg *config.Config) ([]ad.CheckResult, error) {
	for _, w := range cfg.StartWarnings() {
		a.printError("easbot: warning: %s\n", w)
	}
	d, err := bot.OpenDirectory(cfg, nil, a.quietLogger(cfg.Log))
	if err != nil {
		return nil, err
	}
	results := d.Check(ctx)
	if err := d.Close(); err != nil {
		return nil, err
	}
	results = append(results, checkRedis(ctx, cfg)...)
	if cfg.Slack.BotToken.IsZero() {
		a.printError("easbot: Slack is not configured yet and was not checked\n")
		return results, nil
	}
	return append(results, bot.CheckSlack(ctx, cfg)...), nil
}

// checkAccounts looks at every mailbox instead of trying one of each kind.
func (a *app) checkAccounts(ctx context.Context, cfg *config.Config) ([]ad.CheckResult, error) {
	d, err := bot.OpenDirectory(cfg, nil, a.quietLogger(cfg.Log))
	if err != nil {
		return nil, err
	}
	results, err := d.CheckAccounts(ctx)
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return results, err
}

// checkRedis says whether Redis answers, and what could be lost with the way it keeps its data: that works, and is for
// whoever runs Redis to judge.
func checkRedis(ctx context.Context, cfg *config.Config) []ad.CheckResult {
	var risks []store.Risk
	s, err := store.Open(cfg.Redis.URL.Reveal())
	if err == nil {
		risks, err = s.Risks(ctx, cfg.Redis.URL.Reveal())
		if closeErr := s.Close(); err == nil {
			err = closeErr
		}
	}
	if err != nil {
		return []ad.CheckResult{{Name: "redis", Detail: err.Error(),
			Fix: "Start Redis, or correct redis.url. Until then nothing can be decided."}}
	}
	results := []ad.CheckResult{{Name: "redis", OK: true, Detail: "answers"}}
	for _, risk := range risks {
		results = append(results, ad.CheckResult{Name: "redis keeps data", OK: true,
			Detail: "works, but: " + risk.What + " " + risk.Fix})
	}
	return results
}

func anyWrong(results []ad.CheckResult) bool {
	for _, r := range results {
		if !r.OK {
			return true
		}
	}
	return false
}

// writeChecks is a line for each check, and under what is wrong the way out.
func writeChecks(w io.Writer, results []ad.CheckResult) error {
	for _, r := range results {
		mark := "ok   "
		if !r.OK {
			mark = "WRONG"
		}
		line := fmt.Sprintf("%s  %s: %s", mark, eas.Clean(r.Name, 200), eas.Clean(r.Detail, 500))
		if !r.OK && r.Fix != "" {
			line += "\n       -> " + eas.Clean(r.Fix, 1000)
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

func checkTable(results []ad.CheckResult) table {
	t := table{head: []string{"name", "ok", "detail", "fix"}}
	for _, r := range results {
		t.rows = append(t.rows, []string{r.Name, fmt.Sprint(r.OK), r.Detail, r.Fix})
	}
	return t
}
