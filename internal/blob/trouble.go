package blob

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"syscall"

	"github.com/minio/minio-go/v7"
)

// Kind is a kind of Trouble.
type Kind string

// The kinds of trouble. Refused stays until somebody puts the settings right.
const (
	Full     Kind = "full"
	ReadOnly Kind = "read-only"
	Refused  Kind = "refused"
	Away     Kind = "away"
)

// Trouble says that a store, or a folder for temporary files, does not do its
// work. It does not say that a file is missing or that an upload broke off.
type Trouble struct {
	Kind Kind
	Err  error
}

// Error is what the disk or the bucket said.
func (t Trouble) Error() string { return "storage is " + string(t.Kind) + ": " + t.Err.Error() }

// Unwrap is what the disk or the bucket said.
func (t Trouble) Unwrap() error { return t.Err }

// Troubled finds the Trouble in err: one of a store, or that of a file on a disk.
func Troubled(err error) (Trouble, bool) {
	if t, ok := errors.AsType[Trouble](err); ok {
		return t, true
	}
	_, path := errors.AsType[*fs.PathError](err)
	_, link := errors.AsType[*os.LinkError](err)
	if path || link {
		return Trouble{kindOf(err), err}, true
	}
	return Trouble{}, false
}

// trouble marks what a store returns as its own trouble, unless nobody waits
// for the answer any more.
func trouble(err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return Trouble{kindOf(err), err}
}

// byDisk are the words of a disk, byBucket those of a bucket.
var (
	byDisk = map[syscall.Errno]Kind{
		syscall.ENOSPC: Full, syscall.EDQUOT: Full, syscall.EROFS: ReadOnly, syscall.EACCES: Refused, syscall.EPERM: Refused,
	}
	byBucket = map[string]Kind{
		"XMinioStorageFull": Full, "QuotaExceeded": Full, "XMinioAdminBucketQuotaExceeded": Full,
		minio.AccessDenied: Refused, "AllAccessDisabled": Refused, "InvalidAccessKeyId": Refused, "SignatureDoesNotMatch": Refused,
		minio.NoSuchBucket: Refused, "InvalidBucketName": Refused, "PermanentRedirect": Refused, "AuthorizationHeaderMalformed": Refused,
	}
)

func kindOf(err error) Kind {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		if kind, known := byDisk[errno]; known {
			return kind
		}
		return Away
	}
	said := minio.ToErrorResponse(err)
	if kind, known := byBucket[said.Code]; known {
		return kind
	}
	if said.StatusCode == http.StatusInsufficientStorage {
		return Full
	}
	if said.StatusCode >= 400 && said.StatusCode < 500 && said.StatusCode != http.StatusTooManyRequests && said.StatusCode != http.StatusRequestTimeout {
		return Refused
	}
	// TLS where none is spoken, none where it is, or a certificate of somebody else.
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, record := errors.AsType[tls.RecordHeaderError](err)
	if certificate || record || errors.Is(err, http.ErrSchemeMismatch) {
		return Refused
	}
	return Away
}
