package imaging

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/gen2brain/heic"
)

// HEICCommand is the hidden argument with which the program starts itself to
// convert a photo: the decoder takes about 450 MB for twelve megapixels, which
// only the end of a process surely gives back, and it was written in C.
const HEICCommand = "heic-to-jpeg"

const (
	heicPatience = 60 * time.Second

	// heicMemory is about four times what twelve megapixels need.
	heicMemory = 2 << 30
)

// HEICMain is the program when started with HEICCommand. It reads a photo from
// in, writes a JPEG of at most WebSide to out and returns the exit status.
func HEICMain(in io.Reader, out, problems io.Writer) int {
	os.Stdout = os.Stderr // the decoder must not write between the picture's bytes
	limitMemory(heicMemory)
	err := func() error {
		content, err := io.ReadAll(io.LimitReader(in, maxFile))
		if err != nil {
			return err
		}
		img, err := heic.Decode(bytes.NewReader(content))
		if err != nil {
			return err
		}
		picture, err := encode(shrink(img, WebSide), webQuality)
		if err != nil {
			return err
		}
		_, err = out.Write(picture.JPEG)
		return err
	}()
	if err != nil {
		fmt.Fprintln(problems, err)
		return 1
	}
	return 0
}

func convertHEIC(ctx context.Context, content []byte) ([]byte, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("convert photo: %w", err)
	}
	patience, cancel := context.WithTimeout(ctx, heicPatience)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(patience, program, HEICCommand)
	cmd.Stdin, cmd.Stdout = bytes.NewReader(content), &out
	// Nothing of our own environment: it holds the program's secrets.
	cmd.Env = []string{fmt.Sprintf("GOMEMLIMIT=%d", heicMemory/2)}
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("convert photo: %w", ctx.Err())
	}
	if _, failed := errors.AsType[*exec.ExitError](err); failed || patience.Err() != nil {
		return nil, Refused{"The photo cannot be shown: it is damaged, or of a kind that only the phone it comes from can read."}
	}
	if err != nil {
		return nil, fmt.Errorf("convert photo: %w", err)
	}
	return out.Bytes(), nil
}
