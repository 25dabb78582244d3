package unpack

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Paths calls open with each file that a name stands for: itself, all in a folder and below, or what matches a pattern
// that the shell has left as it is. A name that stands for nothing is reported.
func Paths(name string, open func(path string) error, report Report) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return eachInFolder(name, open, report)
	case err == nil:
		return open(name)
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(name, "*?["):
		return eachMatch(name, open, report)
	}
	return err
}

func eachMatch(pattern string, open func(string) error, report Report) error {
	matches, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	if len(matches) == 0 {
		report(pattern, "No file matches it.")
	}
	for _, m := range matches {
		if err := Paths(m, open, report); err != nil {
			report(m, "It could not be opened: "+err.Error()+".")
		}
	}
	return nil
}

// eachInFolder goes through a folder in the order of names. What is no regular file is passed over.
func eachInFolder(folder string, open func(string) error, report Report) error {
	found := false
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			found = true
			report(path, "It could not be opened: "+err.Error()+".")
			return nil //nolint:nilerr // the other files are read all the same
		case !entry.Type().IsRegular():
			return nil
		}
		found = true
		return open(path)
	})
	if err == nil && !found {
		report(folder, "The folder has no files.")
	}
	return err
}
