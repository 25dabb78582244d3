package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// templateAge is how long a provisioned domain is copied. Phones in it have times relative to when it was made.
const templateAge = 30 * time.Minute

// templateParts are the directories of a domain that a copy needs.
var templateParts = []string{"private", "state"}

// fromTemplate provisions dir by copying a domain that was made from the same input less than maxAge ago, and makes
// that one first when there is none. Test binaries that run side by side wait for the first.
func fromTemplate(dir, key string, maxAge time.Duration, provision func() error) error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return provision() // nobody's home: no cache, no harm
	}
	root := filepath.Join(cache, "easbot-lab")
	if err := os.MkdirAll(root, 0o700); err != nil {
		return provision()
	}
	lock, err := os.OpenFile(filepath.Join(root, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return provision()
	}
	defer func() { _ = lock.Close() }() // which also unlocks
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", root, err)
	}
	template := filepath.Join(root, key)
	switch info, err := os.Stat(template); {
	case err == nil && time.Since(info.ModTime()) < maxAge:
		return copyParts(template, dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := provision(); err != nil {
		return err
	}
	// Whatever is there is of another version, or too old.
	old, err := filepath.Glob(filepath.Join(root, "domain-*"))
	if err != nil {
		return err
	}
	for _, o := range old {
		if err := os.RemoveAll(o); err != nil {
			return err
		}
	}
	unfinished := template + ".new"
	if err := os.Mkdir(unfinished, 0o700); err != nil {
		return err
	}
	if err := copyParts(dir, unfinished); err != nil {
		return err
	}
	return os.Rename(unfinished, template)
}

// copyParts copies with the attributes and holes of the files.
func copyParts(from, to string) error {
	for _, part := range templateParts {
		if err := os.MkdirAll(filepath.Join(to, part), 0o700); err != nil {
			return err
		}
		if out, err := exec.Command("cp", "-a", "--sparse=always", filepath.Join(from, part)+"/.",
			filepath.Join(to, part)+"/").CombinedOutput(); err != nil {
			return fmt.Errorf("copy %s: %w: %s", part, err, out)
		}
	}
	return nil
}

// templateKey names a domain by all that it is made of.
func templateKey(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:", len(p))
		h.Write(p)
	}
	return "domain-" + hex.EncodeToString(h.Sum(nil)[:12])
}
