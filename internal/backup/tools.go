package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"

	"fieldgate/internal/postgres/programs"
)

// run runs one of PostgreSQL's client programs on a database.
func run(ctx context.Context, address string, major int, name string, in io.Reader, out io.Writer, args ...string) error {
	path, err := programs.Client(ctx, name, major)
	if err != nil {
		return err
	}
	target, password, err := connection(address)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, append(args, "--no-password", "--dbname="+target)...)
	cmd.Env = os.Environ()
	if password != "" { // not an argument: those of a process are for everybody to read
		cmd.Env = append(cmd.Env, "PGPASSWORD="+password)
	}
	var said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(said.String()))
	}
	return nil
}

// connection is an address as libpq takes it, and the password apart.
func connection(address string) (target, password string, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", "", errors.New("DATABASE_URL is not a PostgreSQL address") // the parser's words could show the password
	}
	if u.User != nil {
		password, _ = u.User.Password()
		u.User = url.User(u.User.Username())
	}
	q := u.Query()
	if p := q.Get("password"); p != "" {
		password = p
		q.Del("password")
	}
	for name := range q { // the pool's own, which libpq refuses
		if strings.HasPrefix(name, "pool_") || name == "default_query_exec_mode" || strings.HasSuffix(name, "_cache_capacity") {
			q.Del(name)
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), password, nil
}

// splitter cuts what is written into pieces, which wait in the temporary folder.
type splitter struct {
	size int64
	put  func(r *os.File, size int64, sum string) error
	file *os.File
	sum  hash.Hash
	n    int64
	err  error // the first: what the program says when nobody takes its output is less
}

func (s *splitter) Write(p []byte) (written int, err error) {
	defer func() { s.err = err }()
	for len(p) > 0 {
		if s.file == nil {
			if s.file, err = os.CreateTemp("", "fieldgate-backup-"); err != nil {
				return written, err
			}
			_ = os.Remove(s.file.Name()) // gone with the program, however it ends
			s.sum, s.n = sha256.New(), 0
		}
		part := p[:min(int64(len(p)), s.size-s.n)]
		if _, err := s.file.Write(part); err != nil {
			return written, err
		}
		s.sum.Write(part)
		s.n += int64(len(part))
		written += len(part)
		p = p[len(part):]
		if s.n == s.size {
			if err := s.flush(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}

func (s *splitter) flush() error {
	file := s.file
	s.file = nil
	defer file.Close()
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return s.put(file, s.n, hex.EncodeToString(s.sum.Sum(nil)))
}

func (s *splitter) close() error {
	if s.file == nil {
		return nil
	}
	return s.flush()
}
