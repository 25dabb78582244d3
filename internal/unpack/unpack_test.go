package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

const text = "2024-03-07 08:00:00 a line of a log\n"

func gzipped(t *testing.T, plain string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zstandard(t *testing.T, plain string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(w.EncodeAll([]byte(plain), nil))
}

func zipped(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tarred(t *testing.T, name, plain string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	head := tar.Header{Name: name, Size: int64(len(plain)), Mode: 0o600, Format: tar.FormatUSTAR}
	if err := w.WriteHeader(&head); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// seen is what came out of an archive: names and their texts, and what could not be opened.
type seen struct {
	files    map[string]string
	problems map[string]string
}

func (s *seen) visit(name string, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		s.problems[name] = err.Error()
	}
	s.files[name] = string(data)
	return nil
}

func (s *seen) report(name, problem string) { s.problems[name] = problem }

func openAll(t *testing.T, name string, r io.Reader) seen {
	t.Helper()
	s := seen{map[string]string{}, map[string]string{}}
	if err := Archive(name, r, s.visit, s.report); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestArchive_GivesWhatIsInIt(t *testing.T) {
	t.Parallel()
	workbook := zipped(t, "[Content_Types].xml", "")
	for name, c := range map[string]struct {
		packed string
		want   map[string]string
	}{
		"plain.log":  {text, map[string]string{"plain.log": text}},
		"empty.log":  {"", map[string]string{"empty.log": ""}},
		"a.log.gz":   {gzipped(t, text), map[string]string{"a.log (gz)": text}},
		"two.log.gz": {gzipped(t, text) + gzipped(t, text), map[string]string{"two.log (gz)": text + text}},
		"a.log.ZST":  {zstandard(t, text), map[string]string{"a.log (zst)": text}},
		"logs.zip": {zipped(t, "a.log", text, "b/c.log", text),
			map[string]string{"logs.zip/a.log": text, "logs.zip/b/c.log": text}},
		"logs.tar.gz":  {gzipped(t, tarred(t, "a.log", text)), map[string]string{"logs.tar (gz)/a.log": text}},
		"inside.zip":   {zipped(t, "a.log.gz", gzipped(t, text)), map[string]string{"inside.zip/a.log (gz)": text}},
		"workbook.zip": {workbook, map[string]string{"workbook.zip": workbook}},
	} {
		got := openAll(t, name, strings.NewReader(c.packed))
		if d := cmp.Diff(c.want, got.files); d != "" || len(got.problems) > 0 {
			t.Errorf("%s: %s %v", name, d, got.problems)
		}
	}
}

func TestArchive_SaysWhatIsBroken(t *testing.T) {
	t.Parallel()
	whole := gzipped(t, strings.Repeat(text, 1000))
	for name, packed := range map[string]string{
		"cut.gz": whole[:len(whole)-20], "wrong.gz": "\x1f\x8b\x08nonsense nonsense",
		"cut.zst": zstandard(t, text)[:12], "cut.zip": zipped(t, "a.log", text)[:40],
	} {
		if got := openAll(t, name, strings.NewReader(packed)); len(got.problems) != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestLimit_EndsABomb(t *testing.T) {
	t.Parallel()
	o := opener{left: 1 << 20}
	n, err := io.Copy(io.Discard, o.limit(zeros{}))
	if n != 1<<20 || !errors.Is(err, ErrTooMuch) {
		t.Errorf("%d bytes, %v", n, err)
	}
	// All files of one archive share the limit.
	if n, err := io.Copy(io.Discard, o.limit(zeros{})); n != 0 || !errors.Is(err, ErrTooMuch) {
		t.Errorf("%d bytes more, %v", n, err)
	}
}

func TestPaths_FindsFilesOfFoldersAndPatterns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a.log", "b.txt", "more/c.log"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		".": {"a.log", "b.txt", "more/c.log"}, "a.log": {"a.log"}, "*.log": {"a.log"}, "*/*.log": {"more/c.log"},
		"mor?": {"more/c.log"}, "*.none": {"!*.none"}, "empty": {"!empty"},
	} {
		var got []string
		add := func(mark string) func(string) {
			return func(path string) {
				rel, err := filepath.Rel(dir, path)
				if err != nil {
					t.Error(err)
				}
				got = append(got, mark+filepath.ToSlash(rel))
			}
		}
		err := Paths(filepath.Join(dir, name), func(p string) error { add("")(p); return nil },
			func(p, _ string) { add("!")(p) })
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %s %v", name, d, err)
		}
	}
	if err := Paths(filepath.Join(dir, "missing.log"), nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
