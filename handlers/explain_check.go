package handlers

import (
	"context"
	"errors"
	"strings"

	"easbot/handlers/view"
	"easbot/internal/eas"
	"easbot/internal/messages"
	"easbot/internal/people"
)

// liveCheck is how what the text names stands now. Whoever may not look at the person gets one sentence, the same
// whether such a person exists or not: the directory is not even asked for them. Everybody sees their own.
//
// Nothing here logs a name of the text. The asker is looked up first, so that an unreachable directory shows before it
// is asked for such a name.
func (h *Handlers) liveCheck(ctx context.Context, l messages.Language, user string, s textSubject) view.Message {
	m, err := h.checkSubject(ctx, l, user, s)
	if err != nil {
		return h.notChecked(ctx, l, err)
	}
	return m
}

func (h *Handlers) checkSubject(ctx context.Context, l messages.Language, user string, s textSubject) (view.Message,
	error) {
	who, _, err := h.People.IdentityOf(ctx, user, people.You)
	if err != nil {
		return view.Message{}, err
	}
	own, err := h.Directory.Find(ctx, who)
	if err != nil && !errors.Is(err, eas.ErrNotFound) && !errors.Is(err, eas.ErrAmbiguous) {
		return view.Message{}, err
	}
	asker := eas.Person{SlackTeam: h.People.Slack.Team(), SlackUser: user}
	if err == nil {
		asker = people.WithMailbox(asker, own)
	}
	m, found, err := h.checkOwn(ctx, l, user, s, own)
	if found || err != nil {
		return m, err
	}
	allowed, err := h.People.IsApprover(ctx, asker)
	if err != nil {
		return view.Message{}, err
	}
	if !allowed {
		return view.Sentence(l, "check.not-yours", nil), nil
	}
	return h.checkOther(ctx, l, s)
}

// checkOwn is the check for whoever the text names, or one of whose phones it names; found is false when it is neither.
func (h *Handlers) checkOwn(ctx context.Context, l messages.Language, user string, s textSubject, own eas.Mailbox) (
	m view.Message, found bool, err error) {
	if own.GUID != "" && s.user == "" && s.dn == "" {
		report, missing, err := h.Engine.WhyPhone(ctx, eas.Lookup{GUID: own.GUID}, s.device)
		if err != nil {
			return m, false, err
		}
		if !missing && len(report.Devices) > 0 {
			return h.ownerAnswer(ctx, l, user, report).WithIntroduction(l.Text("check.your-phone", nil)), true, nil
		}
	}
	mine, err := h.namesAsker(ctx, s, own)
	if err != nil || !mine {
		return m, false, err
	}
	report, missing, err := h.Engine.WhyPhone(ctx, eas.Lookup{GUID: own.GUID}, s.device)
	if err != nil {
		return m, false, err
	}
	key := "check.you"
	if missing {
		key = "check.you-no-such-phone"
	}
	introduction := l.Text(key, messages.Values{"device": eas.Clean(s.device, 60)})
	return h.ownerAnswer(ctx, l, user, report).WithIntroduction(introduction), true, nil
}

// namesAsker reports whether the text names the asker. "OTHER\anna" may be somebody else with the same account name, so
// the directory says which account it is.
func (h *Handlers) namesAsker(ctx context.Context, s textSubject, own eas.Mailbox) (bool, error) {
	if !s.isAbout(own) || !strings.Contains(s.user, `\`) {
		return s.isAbout(own), nil
	}
	m, err := h.Directory.Find(ctx, eas.Lookup{Address: s.user})
	if errors.Is(err, eas.ErrNotFound) || errors.Is(err, eas.ErrAmbiguous) {
		return false, nil
	}
	return err == nil && eas.SameGUID(m.GUID, own.GUID), err
}

// checkOther is the check for an approver.
func (h *Handlers) checkOther(ctx context.Context, l messages.Language, s textSubject) (view.Message, error) {
	var who eas.Lookup
	switch {
	case s.user != "":
		who.Address = s.user
	case s.dn != "":
		who.DN = strings.TrimPrefix(dnWithoutBlanks(s.dn), deviceContainer)
	default:
		quarantine, err := h.Directory.Quarantined(ctx)
		if err != nil {
			return view.Message{}, err
		}
		for _, w := range quarantine.Waiting {
			if strings.EqualFold(w.Device.ID, s.device) {
				who.GUID = w.Mailbox.GUID
			}
		}
		if who.GUID == "" && len(quarantine.Unseen) > 0 {
			return view.Sentence(l, "check.unknown-phone-unread", messages.Values{"device": eas.Clean(s.device, 60),
				"count": len(quarantine.Unseen)}), nil
		}
		if who.GUID == "" {
			return view.Sentence(l, "check.unknown-phone", messages.Values{"device": eas.Clean(s.device, 60)}), nil
		}
	}
	report, missing, err := h.Engine.WhyPhone(ctx, who, s.device)
	if err != nil {
		return view.Message{}, err
	}
	return view.ApproverReport(report).WithIntroduction(view.OtherIntroduction(l, s.personName(), s.device,
		report.Who.ShortName(), missing)), nil
}

// notChecked says why there is no check. The error may hold a name out of the text, so only its kind is logged.
func (h *Handlers) notChecked(ctx context.Context, l messages.Language, err error) view.Message {
	if refusal, ok := messages.RefusalOf(err); ok {
		return view.Sentence(l, "check.refused", messages.Values{"reason": refusal.InLanguage(l)})
	}
	kind, key := "other", "check.failed"
	switch {
	case errors.Is(err, eas.ErrNotFound):
		return view.Sentence(l, "check.not-found", nil)
	case errors.Is(err, eas.ErrAmbiguous):
		return view.Sentence(l, "check.ambiguous", nil)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, eas.ErrUnavailable):
		kind, key = "unavailable", "check.directory"
	case errors.Is(err, eas.ErrRefused):
		kind, key = "refused", "check.not-readable"
	}
	h.Logger.WarnContext(ctx, "a pasted text was explained, but not checked", "kind", kind)
	return view.Sentence(l, key, nil)
}
