package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestSecret_IsSeenByNothingThatPrints(t *testing.T) {
	t.Parallel()
	const value = "xoxb-very-secret"
	s := NewSecret(value)
	inside := struct {
		Token Secret `json:"token" yaml:"token"`
	}{s}

	var shown []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v"} {
		if strings.Count(verb, "%") == 2 {
			shown = append(shown, fmt.Sprintf(verb, s, s))
			continue
		}
		shown = append(shown, fmt.Sprintf(verb, s), fmt.Sprintf(verb, inside), fmt.Sprintf(verb, &inside))
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
		slog.New(h).Info("start", "token", s, "config", inside)
	}
	j, err := json.Marshal(inside)
	if err != nil {
		t.Fatal(err)
	}
	y, err := yaml.Marshal(inside)
	if err != nil {
		t.Fatal(err)
	}
	shown = append(shown, log.String(), string(j), string(y), s.String(), s.GoString(), fmt.Sprint(s))

	for _, text := range shown {
		if strings.Contains(text, value) || strings.Contains(text, fmt.Sprintf("%x", value)) ||
			strings.Contains(text, fmt.Sprintf("%X", value)) {
			t.Errorf("a secret is seen: %s", text)
		}
	}
	if !strings.Contains(string(j), "[redacted]") || !strings.Contains(string(y), "[redacted]") {
		t.Errorf("JSON %s, YAML %s: want a mark that there is a secret", j, y)
	}
	if s.Reveal() != value {
		t.Errorf("Reveal gives %q", s.Reveal())
	}
}

func TestSecret_EmptyOneShowsThatItIsEmpty(t *testing.T) {
	t.Parallel()
	var s Secret
	if !s.IsZero() || s.String() != "" || !s.Equal(NewSecret("")) || s.Equal(NewSecret("x")) {
		t.Errorf("the empty secret: IsZero %v, String %q", s.IsZero(), s)
	}
}
