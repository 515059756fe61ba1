import { answerTo } from "@/lib/webhooks/http";
import { receiveStandard } from "@/lib/webhooks/receive";

/** Takes messages of an ERP or any other system, signed as Standard Webhooks has it: see lib/webhooks/receive. */
export async function POST(
  request: Request,
  { params }: RouteContext<"/api/webhooks/inbound/[endpoint]">,
): Promise<Response> {
  const { endpoint } = await params;
  return answerTo(request, (call, context) => receiveStandard(endpoint, call, context));
}
