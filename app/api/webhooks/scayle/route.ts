import { answerTo } from "@/lib/webhooks/http";
import { receiveScayle } from "@/lib/webhooks/receive";

/** Takes SCAYLE's webhooks: see lib/webhooks/receive. */
export const POST = (request: Request): Promise<Response> => answerTo(request, receiveScayle);
