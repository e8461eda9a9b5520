import { Button, FileButton, Group, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { ExceptionDetail } from '../../api/types';
import { Failure } from '../../parts/answers';
import { useAttach, useMove } from './moves';

const kinds = '.pdf,.png,.jpg,.jpeg,.xlsx,.csv,.txt,.eml';

/** Says something about an exception, or keeps a file with it. */
export function SayForm({ exception }: { exception: ExceptionDetail }): ReactNode {
  const [text, setText] = useState('');
  const move = useMove(exception);
  const attach = useAttach(exception.exception_id);
  if (!exception.moves.includes('comment')) return null;
  return (
    <form
      className="noprint"
      onSubmit={(event) => {
        event.preventDefault();
        move.mutate({ move: 'comment', reason: text.trim() }, { onSuccess: () => setText('') });
      }}
    >
      <Textarea
        aria-label="Comment"
        placeholder="Say something about it"
        autosize
        minRows={2}
        maxLength={4000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group mt={8} mb={16} gap={8}>
        <Button
          type="submit"
          size="xs"
          variant="default"
          loading={move.isPending}
          disabled={text.trim() === ''}
        >
          Comment
        </Button>
        <FileButton
          accept={kinds}
          onChange={(file) => {
            if (file !== null) attach.mutate(file);
          }}
        >
          {(props) => (
            <Button {...props} size="xs" variant="default" loading={attach.isPending}>
              Attach a file
            </Button>
          )}
        </FileButton>
      </Group>
      {move.error === null ? null : <Failure error={move.error} />}
      {attach.error === null ? null : <Failure error={attach.error} />}
    </form>
  );
}
