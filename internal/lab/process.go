package lab

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// process is a server that dies with this test binary.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // valid after done
	out  buffer
}

// startProcess runs a command in a process group of its own.
func startProcess(name string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(name, args...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	// The signal comes when the thread that started the child ends, so that thread is kept until the child is gone.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// stopGently ends the process and waits for it; one that does not obey within five seconds is killed with its group.
func (p *process) stopGently() {
	if p == nil {
		return
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // fails only when it has ended already
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		p.killGroup()
	}
}

// killGroup ends the process at once, as a power cut would.
func (p *process) killGroup() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // fails only when it has ended already
	<-p.done
}

func (p *process) lastOutput() string { return p.out.keptText() }

// buffer keeps the last output of a process.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.b.Len() > 64<<10 {
		b.b.Reset()
	}
	return b.b.Write(p)
}

func (b *buffer) keptText() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// tempDir makes a directory that Main removes. What a binary left that could not run its Main to the end, the next one
// removes: the directory's name has the process in it.
func tempDir(what string) (string, error) {
	sweep.Do(removeDead)
	dir, err := os.MkdirTemp("", fmt.Sprintf("easbot-lab-%d-%s-*", os.Getpid(), what))
	if err != nil {
		return "", err
	}
	atExit(func() { _ = os.RemoveAll(dir) })
	return dir, nil
}

var sweep sync.Once

// removeDead removes the directories of binaries that do not run any more.
func removeDead() {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), "easbot-lab-*")) // fails only on a bad pattern
	for _, dir := range left {
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(dir), "easbot-lab-%d-", &pid); err == nil &&
			syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.RemoveAll(dir) // a leftover in the temporary directory harms nobody
		}
	}
}
