package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestTempDir_RemovesWhatADeadBinaryLeft(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(os.TempDir(), fmt.Sprintf("easbot-lab-%d-ad-1", gone.Process.Pid))
	alive := filepath.Join(os.TempDir(), fmt.Sprintf("easbot-lab-%d-ad-1", os.Getppid()))
	for _, dir := range []string{dead, alive} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	removeDead()
	if _, err := os.Stat(dead); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dead, err)
	}
	if _, err := os.Stat(alive); err != nil {
		t.Errorf("a running binary's directory is gone: %v", err)
	}
}

func TestProcess_StopEndsItAndItsOutputIsKept(t *testing.T) {
	t.Parallel()
	p, err := startProcess("sh", "-c", "echo hello; exec sleep 600")
	if err != nil {
		t.Fatal(err)
	}
	p.stopGently()
	select {
	case <-p.done:
	default:
		t.Error("stop returned before the process had ended")
	}
	p, err = startProcess("sh", "-c", "echo hello")
	if err != nil {
		t.Fatal(err)
	}
	<-p.done
	if p.lastOutput() != "hello\n" || p.err != nil {
		t.Errorf("output %q, %v", p.lastOutput(), p.err)
	}
	if _, err := startProcess("/no/such/program"); err == nil {
		t.Error("started a program that is not there")
	}
}
