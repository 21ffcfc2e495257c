package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// pause is how long to wait before looking again.
const pause = 10 * time.Millisecond

// lock is an advisory lock on a file. The kernel drops it when the last
// process that holds the open file ends, so nothing is left to clean up after
// a kill -9.
type lock struct{ file *os.File }

func openLock(path string) (*lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a lock: %w", err)
	}
	return &lock{f}, nil
}

// try takes the lock in the given mode, unless that would mean waiting.
func (l *lock) try(mode int) (bool, error) {
	err := syscall.Flock(int(l.file.Fd()), mode|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", l.file.Name(), err)
	}
	return true, nil
}

func (l *lock) tryExclusive() (bool, error) { return l.try(syscall.LOCK_EX) }

func (l *lock) exclusive(ctx context.Context) error { return l.wait(ctx, syscall.LOCK_EX) }
func (l *lock) shared(ctx context.Context) error    { return l.wait(ctx, syscall.LOCK_SH) }

func (l *lock) wait(ctx context.Context, mode int) error {
	for {
		if held, err := l.try(mode); held || err != nil {
			return err
		}
		if err := sleep(ctx); err != nil {
			return fmt.Errorf("wait for another start or stop of PostgreSQL: %w", err)
		}
	}
}

// release gives the lock up and keeps the file open. It cannot fail in a way
// that anybody could act on: closing the file releases too.
func (l *lock) release() { _ = syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN) }

// close lets go of the file; the lock stays with a child that inherited it.
func (l *lock) close() { _ = l.file.Close() }

func sleep(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pause):
		return nil
	}
}
