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
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"
)

// folder keeps each file under two levels of directories, ab/cd/abcd…, so that
// no directory grows to a million entries. The os.Root keeps every path inside.
type folder struct {
	dir  string
	root atomic.Pointer[os.Root]
}

// incoming holds files while they are written. Same file system, so that the
// last step is a rename.
const incoming = "incoming"

// newFolder makes the folder if it can. A disk that is full, read-only or away
// may be another one soon; a path that is no folder, or not ours, stays wrong.
func newFolder(dir string) (Store, error) {
	f := &folder{dir: dir}
	err := os.MkdirAll(filepath.Join(dir, incoming), 0o700)
	if err == nil {
		_, err = f.here()
	}
	if err != nil && (errors.Is(err, syscall.ENOTDIR) || kindOf(err) == Refused) {
		return nil, fmt.Errorf("storage folder: %w", err)
	}
	return f, nil
}

// here is the folder that stands at the path now: a disk that was away and came
// back is another one than before.
func (f *folder) here() (*os.Root, error) {
	now, err := os.Stat(f.dir)
	if err != nil {
		return nil, trouble(err)
	}
	if root := f.root.Load(); root != nil {
		if held, err := root.Stat("."); err == nil && os.SameFile(now, held) {
			return root, nil
		}
	}
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, trouble(err)
	}
	f.root.Store(root) // the one before is closed with the last file that was opened in it
	return root, nil
}

func place(key string) string { return path.Join(key[:2], key[2:4], key) }

func (f *folder) Put(ctx context.Context, key string, r io.Reader, size int64, _ string) error {
	if !keyForm.MatchString(key) {
		return errKey
	}
	root, err := f.here()
	if err != nil {
		return fmt.Errorf("put file: %w", err)
	}
	from := &exactReader{r: whileAlive(ctx, r), left: size}
	temporary, err := write(root, from)
	if from.failed != nil {
		return fmt.Errorf("put file: %w", from.failed)
	}
	if err != nil {
		return fmt.Errorf("put file: %w", trouble(err))
	}
	if err := settle(root, temporary, place(key)); err != nil {
		_ = root.Remove(temporary)
		return fmt.Errorf("put file: %w", trouble(err))
	}
	return nil
}

// write stores r durably under a temporary name, or leaves nothing.
func write(root *os.Root, r io.Reader) (name string, err error) {
	name = path.Join(incoming, NewKey())
	if err := root.MkdirAll(incoming, 0o700); err != nil {
		return "", err
	}
	w, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(w, r)
	if err == nil {
		err = w.Sync()
	}
	if err = errors.Join(err, w.Close()); err != nil {
		_ = root.Remove(name)
		return "", err
	}
	return name, nil
}

// settle gives the file its name. Without syncing the directories a power cut
// could forget the name of a file that the database remembers.
func settle(root *os.Root, temporary, name string) error {
	dir := path.Dir(name)
	if err := root.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := root.Rename(temporary, name); err != nil {
		return err
	}
	for _, d := range []string{dir, path.Dir(dir), "."} {
		if err := syncDir(root, d); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f *folder) Open(_ context.Context, key string) (File, error) {
	if !keyForm.MatchString(key) {
		return File{}, ErrNotFound
	}
	root, err := f.here()
	if err != nil {
		return File{}, fmt.Errorf("open file: %w", err)
	}
	file, err := root.Open(place(key))
	if errors.Is(err, fs.ErrNotExist) {
		return File{}, ErrNotFound
	}
	if err != nil {
		return File{}, fmt.Errorf("open file: %w", trouble(err))
	}
	info, err := file.Stat()
	if err != nil {
		return File{}, errors.Join(fmt.Errorf("open file: %w", trouble(err)), file.Close())
	}
	return File{ReadSeekCloser: file, Info: Info{Key: key, Size: info.Size(), Modified: info.ModTime()}}, nil
}

func (f *folder) Delete(_ context.Context, key string) error {
	if !keyForm.MatchString(key) {
		return nil
	}
	root, err := f.here()
	if err != nil {
		return fmt.Errorf("delete file: %w", err)
	}
	if err := root.Remove(place(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete file: %w", trouble(err))
	}
	return nil
}

var errEnough = errors.New("enough")

func (f *folder) List(ctx context.Context) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		root, err := f.here()
		if err != nil {
			yield(Info{}, fmt.Errorf("list files: %w", err))
			return
		}
		err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil {
				err = ctx.Err()
			}
			if errors.Is(err, fs.ErrNotExist) && name != "." {
				return nil // deleted meanwhile
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
			yield(Info{}, fmt.Errorf("list files: %w", trouble(err)))
		}
	}
}

// Ping writes a megabyte, since a disk may take a few bytes and no photo.
func (f *folder) Ping(context.Context) error {
	root, err := f.here()
	if err != nil {
		return fmt.Errorf("storage folder: %w", err)
	}
	name := path.Join(incoming, NewKey())
	err = root.MkdirAll(incoming, 0o700)
	if err == nil {
		err = root.WriteFile(name, make([]byte, 1<<20), 0o600)
		if e := root.Remove(name); err == nil {
			err = e
		}
	}
	if err != nil {
		return fmt.Errorf("storage folder: %w", trouble(err))
	}
	return nil
}

func (f *folder) Unfinished(_ context.Context, before time.Time, remove bool) (n int, err error) {
	root, err := f.here()
	if err != nil {
		return 0, fmt.Errorf("look for broken-off uploads: %w", err)
	}
	entries, err := fs.ReadDir(root.FS(), incoming)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("look for broken-off uploads: %w", trouble(err))
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.ModTime().After(before) {
			continue // gone meanwhile, or under way
		}
		if n++; !remove {
			continue
		}
		if err := root.Remove(path.Join(incoming, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return n, fmt.Errorf("remove a broken-off upload: %w", trouble(err))
		}
	}
	return n, nil
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
