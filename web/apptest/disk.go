package apptest

import (
	"context"
	"io"
	"sync/atomic"

	"fieldgate/internal/blob"
)

// disk is where a program's files lie, which may have trouble.
type disk struct {
	blob.Store
	trouble atomic.Pointer[error]
}

// BreakDisk has the files' disk answer everything with err; nil mends it.
func (a *App) BreakDisk(err error) {
	if err == nil {
		a.disk.trouble.Store(nil)
		return
	}
	a.disk.trouble.Store(&err)
}

func (d *disk) err() error {
	if err := d.trouble.Load(); err != nil {
		return *err
	}
	return nil
}

// Put fails while there is trouble.
func (d *disk) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if err := d.err(); err != nil {
		return err
	}
	return d.Store.Put(ctx, key, r, size, contentType)
}

// Open fails while there is trouble, but for a disk that is only full.
func (d *disk) Open(ctx context.Context, key string) (blob.File, error) {
	if t, ok := blob.Troubled(d.err()); ok && t.Kind != blob.Full {
		return blob.File{}, t
	}
	return d.Store.Open(ctx, key)
}

// Ping fails while there is trouble.
func (d *disk) Ping(ctx context.Context) error {
	if err := d.err(); err != nil {
		return err
	}
	return d.Store.Ping(ctx)
}
