// Package unpack opens what people keep logs in: folders, patterns of names, and archives (gzip, zstd, bzip2, zip,
// tar), one inside the other. It streams: neither an archive nor what is in it is ever whole in memory.
package unpack

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

const (
	// Limit is how much of one archive is unpacked, in bytes: a bomb of a few kilobytes can hold petabytes.
	Limit = 8 << 30
	// membersLimit is how many files of one archive are read.
	membersLimit = 10_000
	// depthLimit is how deep archives inside archives are opened.
	depthLimit = 3
	// windowLimit is the memory that a zstd archive may ask for.
	windowLimit = 128 << 20
)

// ErrTooMuch says that an archive holds more than Limit.
var ErrTooMuch = errors.New("it unpacks to more than 8 GB, and the rest was not read")

// Visit is called with each file. An error of it ends the reading.
type Visit func(name string, r io.Reader) error

// Report is called with what could not be opened, and why.
type Report func(name, problem string)

// opener opens the archives of one file, which share one limit.
type opener struct {
	visit   Visit
	report  Report
	left    int64
	members int
}

// Archive calls visit with a file, or with the files in it when it is an archive.
func Archive(name string, r io.Reader, visit Visit, report Report) error {
	o := opener{visit: visit, report: report, left: Limit, members: membersLimit}
	return o.open(name, r, 0)
}

// open opens a file by how it begins.
func (o *opener) open(name string, r io.Reader, depth int) error {
	in := bufio.NewReaderSize(r, 4<<10)
	head, _ := in.Peek(512) // an error comes again at the first read
	if depth >= depthLimit {
		return o.visit(name, in)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		packed, err := gzip.NewReader(in)
		if err != nil {
			return o.fail(name, err)
		}
		return o.open(withoutEnding(name, ".gz"), o.limit(packed), depth+1)
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		packed, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(windowLimit),
			zstd.WithDecoderLowmem(true))
		if err != nil {
			return o.fail(name, err)
		}
		defer packed.Close()
		return o.open(withoutEnding(name, ".zst"), o.limit(packed), depth+1)
	case bytes.HasPrefix(head, []byte("BZh")) && len(head) > 10 && string(head[4:10]) == "1AY&SY":
		return o.open(withoutEnding(name, ".bz2"), o.limit(bzip2.NewReader(in)), depth+1)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) && !isOfficeDocument(head):
		return o.openZip(name, r, in, depth)
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return o.openTar(name, in, depth)
	}
	return o.visit(name, in)
}

// isOfficeDocument recognises what Office packs with zip.
func isOfficeDocument(head []byte) bool {
	return bytes.Contains(head, []byte("[Content_Types].xml")) || bytes.Contains(head, []byte("_rels/.rels"))
}

func withoutEnding(name, ending string) string {
	if strings.HasSuffix(strings.ToLower(name), ending) {
		return name[:len(name)-len(ending)] + " (" + ending[1:] + ")"
	}
	return name
}

func (o *opener) fail(name string, err error) error {
	o.report(name, "It could not be unpacked: "+err.Error()+".")
	return nil
}

// openTar opens the files of a tar archive.
func (o *opener) openTar(name string, r io.Reader, depth int) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return o.fail(name, err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if o.members--; o.members < 0 {
			return o.tooMany(name)
		}
		if err := o.open(name+"/"+h.Name, o.limit(t), depth+1); err != nil {
			return err
		}
	}
}

func (o *opener) tooMany(name string) error {
	o.report(name, fmt.Sprintf("It holds more than %d files, and the rest was not read.", membersLimit))
	return nil
}

// openZip opens the files of a zip archive. Its list is at the end, so what is no file is copied to one first.
func (o *opener) openZip(name string, r, in io.Reader, depth int) error {
	file, isFile := r.(*os.File)
	if isFile {
		if i, err := file.Stat(); err != nil || !i.Mode().IsRegular() {
			isFile = false
		}
	}
	if !isFile {
		temporary, err := os.CreateTemp("", "easbot-*.zip")
		if err != nil {
			return o.fail(name, err)
		}
		defer func() {
			_ = temporary.Close()
			_ = os.Remove(temporary.Name())
		}()
		if _, err := io.Copy(temporary, o.limit(in)); err != nil {
			return o.fail(name, err)
		}
		file = temporary
	}
	i, err := file.Stat()
	if err != nil {
		return o.fail(name, err)
	}
	z, err := zip.NewReader(file, i.Size())
	if err != nil {
		return o.fail(name, err)
	}
	return o.openMembers(name, z, depth)
}

func (o *opener) openMembers(name string, z *zip.Reader, depth int) error {
	for _, f := range z.File {
		if !f.Mode().IsRegular() {
			continue
		}
		if o.members--; o.members < 0 {
			return o.tooMany(name)
		}
		member := name + "/" + f.Name
		if f.Flags&1 != 0 {
			o.report(member, "It is encrypted: unpack it with its password first.")
			continue
		}
		if err := o.openMember(member, f, depth); err != nil {
			return err
		}
	}
	return nil
}

func (o *opener) openMember(name string, f *zip.File, depth int) error {
	r, err := f.Open()
	if err != nil {
		return o.fail(name, err)
	}
	defer func() { _ = r.Close() }() // only read
	return o.open(name, o.limit(r), depth+1)
}

// limit takes what is read of an archive off what may still be read.
func (o *opener) limit(r io.Reader) io.Reader { return &limited{r, o} }

type limited struct {
	r io.Reader
	o *opener
}

func (l *limited) Read(p []byte) (int, error) {
	if l.o.left <= 0 {
		return 0, ErrTooMuch
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.o.left)])
	l.o.left -= int64(n)
	return n, err
}
