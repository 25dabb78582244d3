package lab

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestFromTemplate_OneThatIsTooOldIsMadeAgain(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	made := 0
	domain := func(maxAge time.Duration) string {
		t.Helper()
		dir := t.TempDir()
		err := fromTemplate(dir, "domain-x", maxAge, func() error {
			made++
			for _, part := range templateParts {
				if err := os.MkdirAll(filepath.Join(dir, part), 0o700); err != nil {
					return err
				}
			}
			return os.WriteFile(filepath.Join(dir, "private", "sam.ldb"), []byte{byte(made)}, 0o600)
		})
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "private", "sam.ldb"))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	first, second := domain(time.Hour), domain(time.Hour)
	if first != "\x01" || second != "\x01" || made != 1 {
		t.Fatalf("made %d times: a young template is not copied", made)
	}
	old := time.Now().Add(-40 * time.Minute)
	if err := os.Chtimes(filepath.Join(cache, "easbot-lab", "domain-x"), old, old); err != nil {
		t.Fatal(err)
	}
	if domain(time.Hour) != "\x01" || domain(30*time.Minute) != "\x02" || domain(30*time.Minute) != "\x02" {
		t.Errorf("made %d times, want the old one made again once", made)
	}
}
