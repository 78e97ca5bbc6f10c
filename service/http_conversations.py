"""Conversations: to read again after a reload, to erase, and to stop what is being answered."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from service.http_schemas import NO_STORE, PROBLEMS
from service.pages import AtReception

router = APIRouter(prefix="/v1/conversations/{conversation_id}", responses=PROBLEMS)


@router.get("")
def show_conversation(conversation_id: str, reception: AtReception) -> JSONResponse:
    """Show the answer records of a conversation, oldest first.

    `running` says how many of its questions are still being answered.
    """
    return JSONResponse(reception.conversation(conversation_id), headers=NO_STORE)


@router.delete("", status_code=204, response_class=Response)
def erase_conversation(conversation_id: str, reception: AtReception) -> Response:
    """Erase a conversation with its answers and their feedback, known or not."""
    reception.forget(conversation_id)
    return Response(status_code=204)


@router.delete("/running")
def stop_running(conversation_id: str, reception: AtReception) -> JSONResponse:
    """Give up the questions that are still being answered; nothing of them is kept."""
    return JSONResponse({"stopped": reception.running.stop(conversation_id)})
