package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"time"
)

// folder keeps each file under two levels of directories, ab/cd/abcd…, so that
// no directory grows to a million entries. The os.Root keeps every path inside.
type folder struct{ root *os.Root }

const (
	// incoming holds files while they are written. Same file system, so that the
	// last step is a rename.
	incoming = "incoming"

	// abandoned is the age at which an unfinished file belongs to a program that
	// is no more.
	abandoned = 24 * time.Hour
)

func newFolder(dir string) (Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("storage folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("storage folder: %w", err)
	}
	if err := root.MkdirAll(incoming, 0o700); err != nil {
		return nil, errors.Join(fmt.Errorf("storage folder: %w", err), root.Close())
	}
	f := folder{root: root}
	f.sweep()
	return f, nil
}

// sweep removes what an earlier program left unfinished.
func (f folder) sweep() {
	entries, err := fs.ReadDir(f.root.FS(), incoming)
	if err != nil {
		return // Ping will tell
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = f.root.Remove(path.Join(incoming, e.Name()))
		}
	}
}

func place(key string) string { return path.Join(key[:2], key[2:4], key) }

func (f folder) Put(ctx context.Context, key string, r io.Reader, size int64, _ string) error {
	if !keyForm.MatchString(key) {
		return errKey
	}
	temporary, err := f.write(whileAlive(ctx, exactly(r, size)))
	if err != nil {
		return fmt.Errorf("put file: %w", err)
	}
	if err := f.settle(temporary, place(key)); err != nil {
		_ = f.root.Remove(temporary)
		return fmt.Errorf("put file: %w", err)
	}
	return nil
}

// write stores r durably under a temporary name, or leaves nothing.
func (f folder) write(r io.Reader) (name string, err error) {
	name = path.Join(incoming, NewKey())
	w, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(w, r)
	if err == nil {
		err = w.Sync()
	}
	if err = errors.Join(err, w.Close()); err != nil {
		_ = f.root.Remove(name)
		return "", err
	}
	return name, nil
}

// settle gives the file its name. Without syncing the directories a power cut
// could forget the name of a file that the database remembers.
func (f folder) settle(temporary, name string) error {
	dir := path.Dir(name)
	if err := f.root.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := f.root.Rename(temporary, name); err != nil {
		return err
	}
	for _, d := range []string{dir, path.Dir(dir), "."} {
		if err := f.sync(d); err != nil {
			return err
		}
	}
	return nil
}

func (f folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f folder) Open(_ context.Context, key string) (File, error) {
	if !keyForm.MatchString(key) {
		return File{}, ErrNotFound
	}
	file, err := f.root.Open(place(key))
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, ErrNotFound
	}
	if err != nil {
		return File{}, fmt.Errorf("open file: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return File{}, errors.Join(fmt.Errorf("open file: %w", err), file.Close())
	}
	return File{ReadSeekCloser: file, Info: Info{Key: key, Size: info.Size(), Modified: info.ModTime()}}, nil
}

func (f folder) Delete(_ context.Context, key string) error {
	if !keyForm.MatchString(key) {
		return nil
	}
	if err := f.root.Remove(place(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete file: %w", err)
	}
	return nil
}

var errEnough = errors.New("enough")

func (f folder) List(ctx context.Context) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		err := fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			if d.IsDir() || !keyForm.MatchString(d.Name()) || name != place(d.Name()) {
				return nil
			}
			info, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil // deleted meanwhile
			}
			if err != nil {
				return err
			}
			if !yield(Info{Key: d.Name(), Size: info.Size(), Modified: info.ModTime()}, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(Info{}, fmt.Errorf("list files: %w", err))
		}
	}
}

func (f folder) Ping(context.Context) error {
	name := path.Join(incoming, NewKey())
	if err := f.root.WriteFile(name, []byte("ping"), 0o600); err != nil {
		return fmt.Errorf("storage folder: %w", err)
	}
	if err := f.root.Remove(name); err != nil {
		return fmt.Errorf("storage folder: %w", err)
	}
	return nil
}

// whileAlive fails a read once ctx has ended.
func whileAlive(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
