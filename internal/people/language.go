package people

import (
	"context"
	"sync"

	"easbot/internal/messages"
)

// LanguageOf is the language that a person reads: the one of their Slack where there is a file for it, else English. It
// asks Slack at most once a person; a person who cannot be asked about reads English.
func (r *Resolver) LanguageOf(ctx context.Context, slackID string) messages.Language {
	if len(messages.Languages()) == 1 {
		return messages.English
	}
	locale, known := r.locales.recall(slackID)
	if !known {
		u, err := r.Slack.User(ctx, slackID)
		if err != nil {
			return messages.English
		}
		locale = u.Locale
		r.locales.remember(slackID, locale)
	}
	return messages.ForLocale(locale)
}

// localesMost bounds the memory: it is emptied when it is full, and fills again with who comes.
const localesMost = 10_000

// localeMemory remembers people's locales, as of the last time Slack was asked about them.
type localeMemory struct {
	mu      sync.Mutex
	locales map[string]string
}

func (m *localeMemory) remember(slackID, locale string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locales == nil || len(m.locales) >= localesMost {
		m.locales = map[string]string{}
	}
	m.locales[slackID] = locale
}

func (m *localeMemory) recall(slackID string) (locale string, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	locale, known = m.locales[slackID]
	return locale, known
}

// RememberedLanguage is the language of a person who was looked up before, without asking Slack; English for others.
func (r *Resolver) RememberedLanguage(slackID string) messages.Language {
	locale, _ := r.locales.recall(slackID)
	return messages.ForLocale(locale)
}
