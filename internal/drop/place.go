package drop

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Found is a file that lies at a place. Its path is below the place, with slashes.
type Found struct {
	Path     string
	Size     int64
	Modified time.Time
}

// Place is where files are put.
type Place interface {
	// List is what lies there, and one folder down, by name.
	List(ctx context.Context) ([]Found, error)
	Open(ctx context.Context, path string) (io.ReadCloser, error)
	// Write makes or replaces a file.
	Write(ctx context.Context, path string, body []byte) error
	// Move takes a file to another path. One that is there already is replaced, one
	// that is gone is no error as long as the other is there.
	Move(ctx context.Context, from, to string) error
	// Try looks whether all of this can be done there, and leaves nothing behind.
	Try(ctx context.Context) error
}

// trial is the name of a file with which Try tries: one that nobody imports, and
// that no other copy of the program tries with.
func trial() string { return ".fieldgate-" + rand.Text() }

// At is the place that FIELDGATE_DROP names: the full path of a folder, or
// s3://access-key:secret@host/bucket/prefix?region=… as FIELDGATE_STORAGE writes it.
func At(address string) (Place, error) {
	if filepath.IsAbs(address) {
		return folder(filepath.Clean(address)), nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		return nil, errors.New("write the full path of a folder, or s3://host/bucket/prefix")
	}
	name, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if name == "" {
		return nil, errors.New("write s3://host/bucket/prefix: there is no bucket")
	}
	creds := credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.EnvMinio{}})
	if u.User != nil {
		secret, _ := u.User.Password()
		creds = credentials.NewStaticV4(u.User.Username(), secret, "")
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: creds, Secure: u.Query().Get("insecure") != "true", Region: u.Query().Get("region"), MaxRetries: 3})
	if err != nil {
		return nil, errors.New("the address of the bucket cannot be used") // the error may show its secret
	}
	if prefix != "" {
		prefix += "/"
	}
	return bucket{client: client, name: name, prefix: prefix}, nil
}

// folder is a place on a disk. Nothing outside it is read or written: os.Root
// follows no link that leads out.
type folder string

func (f folder) List(context.Context) (all []Found, err error) {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return nil, fmt.Errorf("open the folder: %w", err)
	}
	defer func() { _ = root.Close() }()
	err = fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // taken away meanwhile
		}
		if err != nil {
			return err
		}
		if d.IsDir() {
			if p == doneFolder || p == refusedFolder || strings.Count(p, "/") > 0 {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			all = append(all, Found{Path: p, Size: info.Size(), Modified: info.ModTime()})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the folder: %w", err)
	}
	return all, nil
}

func (f folder) Open(_ context.Context, p string) (io.ReadCloser, error) {
	file, err := os.OpenInRoot(string(f), filepath.FromSlash(p))
	if err != nil {
		return nil, fmt.Errorf("open a file of the drop folder: %w", err)
	}
	return file, nil
}

func (f folder) within(p string, do func(*os.Root) error) error {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return err //nolint:wrapcheck // wrapped by the Watcher
	}
	defer func() { _ = root.Close() }()
	if err := root.MkdirAll(path.Dir(p), 0o755); err != nil { // whoever put the file there reads what became of it
		return err //nolint:wrapcheck // wrapped by the Watcher
	}
	return do(root)
}

func (f folder) Write(_ context.Context, p string, body []byte) error {
	return f.within(p, func(root *os.Root) error { return root.WriteFile(p, body, 0o644) }) //nolint:wrapcheck // as above
}

func (f folder) Move(_ context.Context, from, to string) error {
	return f.within(to, func(root *os.Root) error {
		err := root.Rename(from, to)
		if _, there := root.Stat(to); errors.Is(err, fs.ErrNotExist) && there == nil {
			return nil
		}
		return err //nolint:wrapcheck // wrapped by the Watcher
	})
}

func (f folder) Try(ctx context.Context) error {
	if _, err := f.List(ctx); err != nil {
		return err
	}
	name := trial()
	if err := f.Write(ctx, name, nil); err != nil {
		return fmt.Errorf("write to the folder: %w", err)
	}
	return f.within(name, func(root *os.Root) error { return root.Remove(name) }) //nolint:wrapcheck // names the file
}

// bucket is a place in a store that speaks S3.
type bucket struct {
	client       *minio.Client
	name, prefix string
}

func (b bucket) List(ctx context.Context) (all []Found, err error) {
	for o := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true}) {
		if o.Err != nil {
			return nil, fmt.Errorf("list the bucket: %w", o.Err)
		}
		p, ours := strings.CutPrefix(o.Key, b.prefix)
		if ours && p != "" && !strings.HasSuffix(p, "/") {
			all = append(all, Found{Path: p, Size: o.Size, Modified: o.LastModified})
		}
	}
	slices.SortFunc(all, func(x, y Found) int { return strings.Compare(x.Path, y.Path) })
	return all, nil
}

func (b bucket) Open(ctx context.Context, p string) (io.ReadCloser, error) {
	o, err := b.client.GetObject(ctx, b.name, b.prefix+p, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open a file of the bucket: %w", err)
	}
	return o, nil
}

func (b bucket) Write(ctx context.Context, p string, body []byte) error {
	_, err := b.client.PutObject(ctx, b.name, b.prefix+p, bytes.NewReader(body), int64(len(body)), minio.PutObjectOptions{ContentType: "text/plain; charset=utf-8", DisableMultipart: true})
	return err //nolint:wrapcheck // wrapped by the Watcher
}

// Move copies and then removes, as buckets know no other way.
func (b bucket) Move(ctx context.Context, from, to string) error {
	info, err := b.client.StatObject(ctx, b.name, b.prefix+from, minio.StatObjectOptions{})
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		_, err = b.client.StatObject(ctx, b.name, b.prefix+to, minio.StatObjectOptions{})
		return err //nolint:wrapcheck // wrapped by the Watcher
	}
	if err != nil {
		return err //nolint:wrapcheck // wrapped by the Watcher
	}
	// Not every store copies by itself.
	if err := b.copy(ctx, from, to, info.Size); err != nil {
		if carried := b.carry(ctx, from, to, info); carried != nil {
			return errors.Join(carried, err)
		}
	}
	return b.client.RemoveObject(ctx, b.name, b.prefix+from, minio.RemoveObjectOptions{}) //nolint:wrapcheck // wrapped by the Watcher
}

// copy lets the store copy a file by itself, and looks whether it has: some answer as
// if they could.
func (b bucket) copy(ctx context.Context, from, to string, size int64) (err error) {
	source, target := minio.CopySrcOptions{Bucket: b.name, Object: b.prefix + from}, minio.CopyDestOptions{Bucket: b.name, Object: b.prefix + to}
	if size <= mostAtOnce {
		_, err = b.client.CopyObject(ctx, target, source)
	} else {
		_, err = b.client.ComposeObject(ctx, target, source)
	}
	if err != nil {
		return err //nolint:wrapcheck // wrapped by the Watcher
	}
	made, err := b.client.StatObject(ctx, b.name, b.prefix+to, minio.StatObjectOptions{})
	if err == nil && made.Size != size {
		err = fmt.Errorf("the copy has %d bytes of %d", made.Size, size)
	}
	return err
}

// mostAtOnce is how large a file may be that stores take in one request.
const mostAtOnce = 5 << 30

// carry copies a file through here.
func (b bucket) carry(ctx context.Context, from, to string, info minio.ObjectInfo) error {
	o, err := b.client.GetObject(ctx, b.name, b.prefix+from, minio.GetObjectOptions{})
	if err != nil {
		return err //nolint:wrapcheck // wrapped by the Watcher
	}
	defer func() { _ = o.Close() }()
	_, err = b.client.PutObject(ctx, b.name, b.prefix+to, o, info.Size, minio.PutObjectOptions{ContentType: info.ContentType, DisableMultipart: info.Size <= mostAtOnce})
	return err //nolint:wrapcheck // wrapped by the Watcher
}

func (b bucket) Try(ctx context.Context) error {
	if _, err := b.List(ctx); err != nil {
		return err
	}
	name := trial()
	if err := b.Write(ctx, name, nil); err != nil {
		return fmt.Errorf("write to the bucket: %w", err)
	}
	if err := b.client.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("remove from the bucket: %w", err)
	}
	return nil
}
