package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket keeps each file as an object whose name is the key.
type bucket struct {
	client *minio.Client
	name   string
}

func newBucket(u *url.URL) (Store, error) {
	name := strings.Trim(u.Path, "/")
	if u.Host == "" || name == "" || strings.Contains(name, "/") {
		return nil, errors.New("storage: write s3://host/bucket, with one bucket and nothing after it")
	}
	creds := credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.EnvMinio{}})
	if u.User != nil {
		secret, _ := u.User.Password()
		creds = credentials.NewStaticV4(u.User.Username(), secret, "")
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:      creds,
		Secure:     u.Query().Get("insecure") != "true",
		Region:     u.Query().Get("region"),
		MaxRetries: 3, // somebody is waiting for the page
	})
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	return bucket{client: client, name: name}, nil
}

func (b bucket) Put(ctx context.Context, key string, r io.Reader, size int64, contentType string) error {
	if !keyForm.MatchString(key) {
		return errKey
	}
	// One request whatever the size: an upload in parts that breaks off leaves
	// parts behind that cost money and that no listing shows.
	r, err := repeatable(r, size)
	if err != nil {
		return fmt.Errorf("put file: %w", err)
	}
	_, err = b.client.PutObject(ctx, b.name, key, r, size,
		minio.PutObjectOptions{ContentType: contentType, DisableMultipart: true})
	if e, ok := r.(*exactReader); ok && e.failed != nil {
		return fmt.Errorf("put file: %w", e.failed)
	}
	if err != nil {
		return fmt.Errorf("put file: %w", trouble(err))
	}
	return nil
}

// repeatable returns r unwrapped where its size can be known beforehand, because
// the client sends once more only what it can read once more.
func repeatable(r io.Reader, size int64) (io.Reader, error) {
	s, ok := r.(io.Seeker)
	if !ok {
		return exactly(r, size), nil
	}
	start, err := s.Seek(0, io.SeekCurrent)
	if err != nil || start != 0 {
		return exactly(r, size), err
	}
	end, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	if end != size {
		return nil, fmt.Errorf("%d bytes where %d were announced", end, size)
	}
	_, err = s.Seek(0, io.SeekStart)
	return r, err
}

func (b bucket) Open(ctx context.Context, key string) (File, error) {
	if !keyForm.MatchString(key) {
		return File{}, ErrNotFound
	}
	object, err := b.client.GetObject(ctx, b.name, key, minio.GetObjectOptions{})
	if err != nil {
		return File{}, fmt.Errorf("open file: %w", trouble(err))
	}
	info, err := object.Stat()
	if err == nil {
		return File{ReadSeekCloser: object, Info: Info{Key: key, Size: info.Size, Modified: info.LastModified}}, nil
	}
	_ = object.Close()
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return File{}, ErrNotFound
	}
	return File{}, fmt.Errorf("open file: %w", trouble(err))
}

func (b bucket) Delete(ctx context.Context, key string) error {
	if !keyForm.MatchString(key) {
		return nil
	}
	err := b.client.RemoveObject(ctx, b.name, key, minio.RemoveObjectOptions{})
	if err != nil && minio.ToErrorResponse(err).Code != minio.NoSuchKey {
		return fmt.Errorf("delete file: %w", trouble(err))
	}
	return nil
}

func (b bucket) List(ctx context.Context) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for object := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Recursive: true}) {
			if object.Err != nil {
				yield(Info{}, fmt.Errorf("list files: %w", trouble(object.Err)))
				return
			}
			if !keyForm.MatchString(object.Key) {
				continue // not ours: buckets are sometimes shared
			}
			if !yield(Info{Key: object.Key, Size: object.Size, Modified: object.LastModified}, nil) {
				return
			}
		}
	}
}

func (b bucket) Ping(ctx context.Context) error {
	there, err := b.client.BucketExists(ctx, b.name)
	if err != nil {
		return fmt.Errorf("storage bucket: %w", trouble(err))
	}
	if !there {
		return Trouble{Refused, fmt.Errorf("there is no bucket %q", b.name)}
	}
	return nil
}

// Unfinished finds nothing: each file is one request, which comes whole or not at all.
func (b bucket) Unfinished(context.Context, time.Time, bool) (int, error) { return 0, nil }
