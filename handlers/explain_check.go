package handlers

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"easbot/diag/explain"
	"easbot/internal/eas"

	"github.com/slack-go/slack"
)

// named is whom or what a pasted text names, as it is written there: hostile, and perhaps nobody.
type named struct{ user, dn, device string }

// namedIn returns what was found in the text; the zero value when that is nothing.
func namedIn(text string, a explain.Answer) named {
	if len(a.Matches) == 0 {
		return named{}
	}
	facts := a.Matches[0].Facts
	n := named{user: facts["user"], dn: facts["dn"], device: facts["device_id"]}
	if n.user == "" {
		n.user = signedIn(text, n.device != "")
	}
	return n
}

// domainUser is a user name as IIS (cs-username) and Windows' events write it.
var domainUser = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*\\[^\\/:*?"<>|]+$`)

// signedIn finds "EXAMPLE\anna": anywhere in a line of the log, elsewhere only after the word "user", because paths look alike.
func signedIn(text string, logged bool) string {
	before := ""
	for word := range strings.FieldsSeq(text) {
		word = strings.Trim(word, `"',;()`)
		if domainUser.MatchString(word) && (logged || before == "user") {
			return eas.Clean(word, 300)
		}
		before = strings.ToLower(strings.TrimRight(word, ":="))
	}
	return ""
}

// words is what the text names, for people.
func (n named) words() string {
	for _, s := range []string{n.user, n.dn} {
		if s != "" {
			return eas.Clean(s, 100)
		}
	}
	return "the phone " + eas.Clean(n.device, 60)
}

// account is a user name without the domain that IIS writes before it: "EXAMPLE\anna".
func account(user string) string {
	return strings.TrimSpace(user[strings.LastIndexByte(user, '\\')+1:])
}

// blanks are what some tools write into a DN between its parts. A comma inside a name ("Berger\, Anna") is escaped and keeps its.
var blanks = regexp.MustCompile(`([^\\]),\s+([A-Za-z0-9.-]+=)`)

// compact is a DN without blanks between its parts.
func compact(dn string) string { return blanks.ReplaceAllString(dn, "$1,$2") }

// deviceContainer is Exchange's object below a person, which event 1053 may name instead of the person.
const deviceContainer = "CN=ExchangeActiveSyncDevices,"

// of reports whether the text names the mailbox's own person. A name of the container below the person counts too: event 1053
// has it.
func (n named) of(m eas.Mailbox) bool {
	if m.GUID == "" {
		return false
	}
	if n.user == "" {
		own, dn := ","+strings.ToLower(m.DN), ","+strings.ToLower(compact(n.dn))
		return m.DN != "" && strings.HasSuffix(dn, own)
	}
	name := account(n.user)
	for _, s := range append([]string{m.SAM, m.UPN, m.Address}, m.Addresses...) {
		if s != "" && strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// check is how what the text names stands now. Whoever may not look at the person gets one sentence, the same whether such
// a person exists or not: the directory is not even asked for them. Everybody sees their own.
//
// Nothing here logs a name of the text. The asker is looked up first, so that an unreachable directory shows before it is
// asked for such a name.
func (h *Handlers) check(ctx context.Context, user string, n named) Message {
	who, _, err := h.lookup(ctx, user, true)
	if err != nil {
		return h.unchecked(ctx, err)
	}
	own, err := h.Directory.Find(ctx, who)
	if err != nil && !errors.Is(err, eas.ErrNotFound) && !errors.Is(err, eas.ErrAmbiguous) {
		return h.unchecked(ctx, err)
	}
	asker := eas.Person{SlackTeam: h.Team, SlackUser: user}
	if err == nil {
		asker = personOf(asker, own)
	}
	if own.GUID != "" && n.user == "" && n.dn == "" {
		report, missing, err := h.Engine.WhyPhone(ctx, eas.Lookup{GUID: own.GUID}, n.device)
		if err != nil {
			return h.unchecked(ctx, err)
		}
		if !missing && len(report.Devices) > 0 {
			return led(h.ownerAnswer(ctx, user, report), "The text names one of your phones. This is how it stands now:")
		}
	}
	if mine, err := h.names(ctx, n, own); err != nil {
		return h.unchecked(ctx, err)
	} else if mine {
		report, missing, err := h.Engine.WhyPhone(ctx, eas.Lookup{GUID: own.GUID}, n.device)
		if err != nil {
			return h.unchecked(ctx, err)
		}
		return led(h.ownerAnswer(ctx, user, report), "The text names you. This is how it stands now:"+unknownPhone(n.device, missing))
	}
	allowed, err := h.IsApprover(ctx, asker)
	if err != nil {
		return h.unchecked(ctx, err)
	}
	if !allowed {
		return sentence("The text names somebody, or a phone, that I can't show you. Only approvers can look at other people's phones.")
	}
	return h.checkOther(ctx, n)
}

// names reports whether the text names the asker. "OTHER\anna" may be somebody else with the same account name, so the directory
// says which account it is.
func (h *Handlers) names(ctx context.Context, n named, own eas.Mailbox) (bool, error) {
	if !n.of(own) || !strings.Contains(n.user, `\`) {
		return n.of(own), nil
	}
	m, err := h.Directory.Find(ctx, eas.Lookup{Address: n.user})
	if errors.Is(err, eas.ErrNotFound) || errors.Is(err, eas.ErrAmbiguous) {
		return false, nil
	}
	return err == nil && eas.SameGUID(m.GUID, own.GUID), err
}

// checkOther is the check for an approver.
func (h *Handlers) checkOther(ctx context.Context, n named) Message {
	var who eas.Lookup
	switch {
	case n.user != "":
		who.Address = n.user
	case n.dn != "":
		who.DN = strings.TrimPrefix(compact(n.dn), deviceContainer)
	default:
		waiting, err := h.Directory.Quarantined(ctx)
		if err != nil {
			return h.unchecked(ctx, err)
		}
		for _, w := range waiting {
			if strings.EqualFold(w.Device.ID, n.device) {
				who.GUID = w.Mailbox.GUID
			}
		}
		if who.GUID == "" {
			return sentence("The text names " + n.words() + ". It is none of yours and none that waits in quarantine: type /eas why and the owner's address to see how it stands now.")
		}
	}
	report, missing, err := h.Engine.WhyPhone(ctx, who, n.device)
	if err != nil {
		return h.unchecked(ctx, err)
	}
	return led(approverAnswer(report), "The text names "+n.words()+". In the directory that is "+report.Who.Name()+". This is how it stands now:"+unknownPhone(n.device, missing))
}

func unknownPhone(device string, missing bool) string {
	if !missing {
		return ""
	}
	return " Exchange has stored no phone with the id " + eas.Clean(device, 60) + " there, so this is about all phones."
}

// unchecked says why there is no check. The error may hold a name out of the text, so only its kind is logged.
func (h *Handlers) unchecked(ctx context.Context, err error) Message {
	var refused refusal
	kind, say := "other", "Something went wrong on my side, so I could not check how it stands now. Try again in a minute."
	switch {
	case errors.As(err, &refused):
		return sentence("I did not check how it stands now. " + string(refused))
	case errors.Is(err, eas.ErrNotFound):
		return sentence("The directory has no account with the name in the text, so I could not check how it stands now. Type /eas why and the person's address.")
	case errors.Is(err, eas.ErrAmbiguous):
		return sentence("More than one account in the directory answers to the name in the text, and I don't guess. Type /eas why and the person's address.")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, eas.ErrUnavailable):
		kind, say = "unavailable", "I can't reach the directory, so I could not check how it stands now. Try again in a minute."
	case errors.Is(err, eas.ErrRefused):
		kind, say = "refused", "The directory does not let me read this, so I could not check how it stands now. An administrator can run easbot check."
	}
	h.Logger.WarnContext(ctx, "a pasted text was explained, but not checked", "kind", kind)
	return sentence(say)
}

func sentence(s string) Message { return Message{Blocks: []slack.Block{plain(s)}}.headed(s) }

// led puts a sentence before an answer.
func led(m Message, s string) Message {
	m.Blocks = append([]slack.Block{plain(s)}, m.Blocks...)
	return m
}
