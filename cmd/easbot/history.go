package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"easbot/approvals"
	"easbot/internal/config"
	"easbot/internal/eas"
	"easbot/store"
)

func (a *app) historyCommand() *cobra.Command {
	var (
		verify bool
		limit  int
	)
	cmd := &cobra.Command{
		Use:   "history [MAILBOX]",
		Short: "Show who decided what, when and why",
		Long: "Show who decided what, when and why, newest first; of one MAILBOX (address, name or objectGUID) when " +
			"given. With --verify, check instead that no entry was changed or is missing.",
		Args: atMostArgs(1, "one MAILBOX"),
	}
	f := formatFlag(cmd, "text", "json", "csv")
	cmd.Flags().BoolVar(&verify, "verify", false, "check the chain of hashes")
	cmd.Flags().IntVar(&limit, "limit", 100, "show at most `N` entries")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if verify && len(args) > 0 {
			return usageError{errors.New("--verify checks the whole history: no MAILBOX with it")}
		}
		if verify && f.value == "csv" {
			return usageError{errors.New("--verify answers as text or json")}
		}
		if limit < 1 {
			return usageError{errors.New("--limit must be at least 1")}
		}
		cfg, err := a.loadConfig(cmd, config.Needs{Redis: true})
		if err != nil {
			return err
		}
		s, err := store.Open(cfg.Redis.URL.Reveal())
		if err != nil {
			return err
		}
		service := &approvals.Service{Store: s}
		if verify {
			return errors.Join(a.verifyHistory(cmd.Context(), service, f), s.Close())
		}
		mailbox := ""
		if len(args) > 0 {
			mailbox = args[0]
		}
		return errors.Join(a.showHistory(cmd.Context(), service, f, mailbox, limit), s.Close())
	}
	return cmd
}

func (a *app) showHistory(ctx context.Context, s *approvals.Service, f *format, mailbox string, limit int) error {
	var entries []approvals.Entry
	var err error
	if mailbox == "" {
		entries, err = s.AuditHistory(ctx, approvals.HistoryFilter{Limit: limit})
	} else { // who is meant is found among the entries: the person may have left the directory
		entries, err = s.AuditHistoryOf(ctx, limit, func(e approvals.Entry) bool { return isAbout(e.Mailbox, mailbox) })
	}
	if err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	if entries == nil {
		entries = []approvals.Entry{} // JSON has a list
	}
	if len(entries) == 0 {
		a.printError("No entries.\n")
	}
	return f.writeAs(a.out, historyTable(entries), entries)
}

// isAbout reports whether the mailbox is the one that was asked for.
func isAbout(o approvals.Owner, want string) bool {
	return want == "" || strings.EqualFold(o.Address, want) || strings.EqualFold(o.Name, want) ||
		eas.SameGUID(o.GUID, want) || strings.EqualFold(o.DN, want)
}

func historyTable(entries []approvals.Entry) table {
	t := table{head: []string{"at", "mailbox", "device", "event", "state", "by", "reason", "request"}}
	for _, e := range entries {
		by := e.By.Name
		if by == "" {
			by = e.By.SlackUser
		}
		if by == "" {
			by = "easbot"
		}
		mailbox := e.Mailbox.Address
		if mailbox == "" {
			mailbox = e.Mailbox.Name
		}
		t.rows = append(t.rows, []string{formatTime(e.At), mailbox, strings.TrimSpace(e.Model + " " + e.Device),
			string(e.Event), string(e.To), by, e.Reason, e.Request})
	}
	return t
}

// verifyHistory checks the chain; a broken one is a failure.
func (a *app) verifyHistory(ctx context.Context, s *approvals.Service, f *format) error {
	result, err := s.VerifyAudit(ctx)
	if err != nil {
		return err
	}
	if f.value == "json" {
		err = writeJSON(a.out, result)
	} else {
		_, err = fmt.Fprintln(a.out, verifySentence(result))
	}
	if err == nil && !result.OK {
		err = fmt.Errorf("the history is broken at entry %d", result.BadSeq)
	}
	return err
}

func verifySentence(v approvals.VerifyResult) string {
	switch {
	case !v.OK:
		return fmt.Sprintf("broken at entry %d: %s", v.BadSeq, v.Problem)
	case v.Entries == 0:
		return "ok: no entries yet"
	default:
		return fmt.Sprintf("ok: %d entries, the last hash is %s", v.Entries, v.Head)
	}
}
